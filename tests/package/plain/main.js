// As a publisher's own script would. What a test wants of it stands behind `?`.

import { init, push } from 'tollgate';

const { searchParams } = new URL(location.href);
const settings = {
  site: 'package',
  publication: 'The Meridian',
  limit: 0,
  content: 'article .body',
  plans: [{ id: 'year', name: 'One year | all of it', terms: '19.90/year' }],
  benefits: ['The archive', { text: 'No advertisements', badge: 'new' }],
  subscribeUrl: '/subscribe?plan={plan}',
  ...JSON.parse(searchParams.get('settings') || '{}'),
};

window.found = { early: [] };
push((gate) => gate.on('denied', ({ gateReason }) => window.found.early.push(gateReason)));
window.init = (changes) => init({ ...settings, ...changes });
window.found.twice = Promise.all([init(settings), init(settings)]).then(([one, other]) => one === other && one === window.tollgate);
