// Tollgate for components: begins it, and says what was decided.

import { useEffect, useSyncExternalStore } from 'react';
import { init, push, type Decision, type InitSettings, type Tollgate } from 'tollgate';

let gate: Tollgate | null = null;

/** Begins Tollgate. For the component around all others; StrictMode may call it twice. */
export function useTollgate(settings: InitSettings): void {
  useEffect(() => {
    // Before the first decision, which listeners hear of at once.
    push((running) => (gate = running));
    void init(settings);
    // What is set at the beginning holds.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}

function listen(changed: () => void): () => void {
  document.addEventListener('tollgate:granted', changed);
  document.addEventListener('tollgate:denied', changed);
  return () => {
    document.removeEventListener('tollgate:granted', changed);
    document.removeEventListener('tollgate:denied', changed);
  };
}

/** What was decided of the article on the page: null before that, and on a server. */
export function useDecision(): Decision | null {
  return useSyncExternalStore(
    listen,
    () => gate?.getDecision() ?? null,
    () => null,
  );
}
