// Tollgate for Vue: `app.use(tollgate, settings)`, and in components `useDecision()`.

import { readonly, shallowRef, type Plugin, type ShallowRef } from 'vue';
import { init, push, type Decision, type InitSettings } from 'tollgate';

const decision = shallowRef<Decision | null>(null);

export const tollgate: Plugin<[InitSettings]> = {
  install(_, settings) {
    push((gate) => {
      gate.on('granted', (detail) => (decision.value = detail));
      gate.on('denied', (detail) => (decision.value = detail));
    });
    void init(settings);
  },
};

/** What was decided of the article on the page: null before that, and on a server. */
export const useDecision = (): Readonly<ShallowRef<Decision | null>> => readonly(decision) as Readonly<ShallowRef<Decision | null>>;
