// The rules' script: the piece of the module that reads lists of meters, paths, referrers and steps.

import { checksum, length, literal } from '../module.js';
import { take } from './take.js';

take(literal, length, checksum, null, null, 0);
