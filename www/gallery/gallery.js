// The gallery's wall: one stage for each surface and state, all in the look that is chosen above.

// What is shown, by name, with the stage's own parameters.
const shown = [
  ['Overlay', { preview: 'overlay' }],
  ['Overlay, one plan', { preview: 'overlay', plans: 'Monthly: 2.90/month' }],
  ['Overlay, three plans', { preview: 'overlay', plans: 'Monthly: 2.90/month | *Annual access [best value]: 19.90/year | Two years: 35/2 years' }],
  ['Overlay, a button for each', { preview: 'overlay', planStyle: 'buttons', plans: 'Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year' }],
  ['Overlay, no plans', { preview: 'overlay', plans: '-', benefits: '-' }],
  ['Overlay that stays', { preview: 'overlay', steps: 'subscribe hard' }],
  ['Overlay that may be turned down', { preview: 'overlay', steps: 'subscribe dismissible' }],
  ['Inline gate', { preview: 'inline' }],
  ['Inline gate that may be turned down', { preview: 'inline', steps: 'subscribe dismissible' }],
  ['Notice: the last', { preview: 'notice', limit: '1' }],
  ['Notice: some left', { preview: 'notice', limit: '4' }],
  ['Notice: a card', { preview: 'notice', limit: '4', noticeStyle: 'card' }],
  ['Newsletter', { preview: 'newsletter' }],
  ['Newsletter: not an address', { preview: 'newsletter', state: 'invalid' }],
  ['Newsletter: on its way', { preview: 'newsletter', state: 'sending' }],
  ['Newsletter: failed', { preview: 'newsletter', state: 'failed' }],
  ['Newsletter: signed up (thanks for six seconds)', { preview: 'newsletter', state: 'signed' }],
  ['Register', { preview: 'register' }],
];

const form = document.getElementById('choice');
const wall = document.getElementById('wall');

function hang() {
  const look = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  const { width, ...rest } = look;
  wall.replaceChildren(
    ...shown.map(([name, parameters]) => {
      const address = 'stage.html?' + new URLSearchParams({ ...rest, ...parameters });
      const figure = document.createElement('figure');
      const caption = document.createElement('figcaption');
      const link = Object.assign(document.createElement('a'), { href: address, target: '_blank', textContent: 'alone' });
      const frame = Object.assign(document.createElement('iframe'), { src: address, title: name, width, loading: 'lazy' });
      caption.append(name, link);
      figure.append(caption, frame);
      return figure;
    }),
  );
}

form.addEventListener('change', hang);
hang();
