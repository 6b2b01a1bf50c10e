// What the types allow, and what they refuse. Compiled, never run.

import { init, push, type Decision, type Settings, type TollgateEvents } from 'tollgate';

const settings: Settings = {
  limit: 3,
  period: '30d',
  plans: [{ name: 'Year', terms: '19.90/year' }, 'Month: 2.90/month'],
  meters: [{ name: 'Local', sections: ['city', 'region'], limit: 5 }],
  steps: [{ surface: 'notice', from: 2, cap: '1/day' }, 'subscribe'],
  texts: { offer: 'Join {publication}' },
};

export async function start(): Promise<string> {
  const gate = await init({ ...settings, debug: true });
  // @ts-expect-error: it may be null.
  gate.show();
  if (!gate) return '';
  gate.on('denied', ({ gateReason }) => console.log(gateReason));
  gate.once('meter', ({ readsLeft }) => readsLeft.toFixed());
  gate.off('meter');
  gate.setEntitlement({ granted: true, tier: 'subscriber' });
  gate.setEntitlement(async (meter) => ({ granted: (meter?.reads ?? 0) > 3 }));
  gate.setEntitlement({ token: '' });
  gate.setEntitlement({ granted: false, data: { articlesRead: 1, articleLimit: 3 } });
  gate.setConfig({ limit: 1 });
  // @ts-expect-error: no such tier.
  gate.setEntitlement({ granted: true, tier: 'gold' });
  // @ts-expect-error: no such event.
  gate.on('closed', () => {});
  // @ts-expect-error: no such setting.
  gate.setConfig({ limits: 1 });
  // @ts-expect-error: the tag's own can't be set later.
  gate.setConfig({ debug: true });
  // @ts-expect-error: a number.
  void init({ limit: 'many' });
  const decision: Decision | null = gate.getDecision();
  if (decision?.granted) return decision.grantReason;
  // @ts-expect-error: one that is denied has no such reason.
  return decision?.grantReason ?? '';
}

push((gate) => gate.refresh());
window.tollgate?.push((gate) => gate.version.length);
document.addEventListener('tollgate:beforeshow', (event) => {
  const { surface, reads } = event.detail;
  if (surface === 'notice' && reads > 1) event.preventDefault();
});
window.addEventListener('tollgate:subscribe-click', ({ detail: { plan, url } }) => plan.length + url.length);
const detail: TollgateEvents['error'] = { code: 'trap', message: '' };
export default detail;
