// The script of the module's twin in JavaScript, made by xtask/src/bundle/twin.rs.

import { signal, start } from '../twin.js';
import { take } from './take.js';

take([start, signal], -1);
