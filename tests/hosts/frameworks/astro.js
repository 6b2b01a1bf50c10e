// A site of Astro's: its ClientRouter takes over every link. The script of that component is taken out of it by the build.

import './ClientRouter.ts';
import { navigate } from 'astro:transitions/client';

window.framework = { navigate };
