// Puts one surface on the stage: the query's parameters become the tag's attributes. `lang`, `dir` and `dark` are the page's own, `state`
// is what the surface is brought into once it shows.
const asked = new URLSearchParams(location.search);
const root = document.documentElement;
root.lang = asked.get('lang') || 'en';
root.dir = asked.get('dir') || 'ltr';
root.classList.toggle('dark', asked.has('dark'));

const tag = {
  site: 'gallery',
  publication: 'The Meridian',
  limit: '2',
  content: 'article .body',
  currency: 'USD',
  plans: 'Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year',
  benefits: 'Exclusive coverage | Ad-free reading [new] | Weekly magazine [new] | 9 newsletters | The archive',
  subscribeUrl: '/subscribe?plan={plan}&return={return_url}',
  loginUrl: '/login?return={return_url}',
  newsletterUrl: '/letters',
  registerUrl: '/register',
  preview: 'overlay',
  allowFrame: '',
};
const script = document.createElement('script');
Object.assign(script.dataset, tag);
for (const [name, value] of asked) {
  if (['lang', 'dir', 'dark', 'state'].includes(name)) continue;
  if (value === '-') delete script.dataset[name];
  else script.dataset[name] = value;
}
script.src = '/tollgate.js';

// The form's states, brought about as a reader would.
const states = {
  invalid: (form) => form.requestSubmit(),
  sending: (form) => fill(form, () => new Promise(() => {})),
  failed: (form) => fill(form, () => Promise.reject(new Error('as asked'))),
  signed: (form) => fill(form, () => Promise.resolve()),
};
function fill(form, answer) {
  document.addEventListener('tollgate:newsletter-submit', ({ detail }) => detail.respondWith(answer()), { once: true });
  form.elements.email.value = 'reader@example.org';
  form.requestSubmit();
}
document.addEventListener('tollgate:show', () => {
  const state = states[asked.get('state')];
  const form = document.querySelector('tollgate-gate[data-tollgate-surface=overlay]')?.shadowRoot.querySelector('form');
  if (state && form) state(form);
});
// What stands where the text is cut is brought into sight.
document.addEventListener('tollgate:lock', () => {
  if (asked.get('preview') === 'inline') {
    document.querySelector('tollgate-gate[data-tollgate-surface=inline]').scrollIntoView({ block: 'center' });
  }
});
document.addEventListener('DOMContentLoaded', () => document.head.append(script));
