// A paper of two stories whose pages React turns. Tollgate follows the address by itself.

import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useDecision, useTollgate } from './useTollgate';

const STORIES = ['frogs', 'bridges'];

function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const changed = () => setPath(location.pathname);
    addEventListener('popstate', changed);
    return () => removeEventListener('popstate', changed);
  }, []);
  return path;
}

function go(path: string): void {
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
}

function Story({ name }: { name: string }) {
  useEffect(() => {
    document.title = `The story of ${name}`;
  }, [name]);
  return (
    <article>
      <h1>The story of {name}</h1>
      <div className="body">
        {Array.from({ length: 9 }, (_, n) => (
          <p key={n}>
            This is paragraph {n + 1} of the story of {name}. It was a plain day, and nothing was to be seen of what would come of it.
          </p>
        ))}
      </div>
    </article>
  );
}

function App() {
  useTollgate({
    site: 'react-example',
    publication: 'The Meridian',
    limit: 1,
    content: 'article .body',
    plans: 'Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year',
    subscribeUrl: '/subscribe?plan={plan}&return={return_url}',
  });
  const decision = useDecision();
  const name = usePath().slice(1);
  return (
    <>
      <header>
        <nav>
          {STORIES.map((story) => (
            <a
              key={story}
              id={story}
              href={`/${story}`}
              onClick={(event) => {
                event.preventDefault();
                go(`/${story}`);
              }}
            >
              {story}
            </a>
          ))}
        </nav>
        <p id="state">{decision && (decision.granted ? decision.grantReason : decision.gateReason)}</p>
      </header>
      <main key={name}>{STORIES.includes(name) ? <Story name={name} /> : <h1>The Meridian</h1>}</main>
    </>
  );
}

const place = document.getElementById('app');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
