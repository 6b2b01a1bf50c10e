// Begins the app, with Tollgate as a plugin.

import { createApp } from 'vue';
import App from './App.vue';
import { tollgate } from './tollgate';

createApp(App)
  .use(tollgate, {
    site: 'vue-example',
    publication: 'The Meridian',
    limit: 1,
    content: 'article .body',
    plans: 'Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year',
    subscribeUrl: '/subscribe?plan={plan}&return={return_url}',
  })
  .mount('#app');
