// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import { FITTED_COMPUTE } from './fitted-compute.js';
import type { Fitted } from './fitted-family.js';
import { FITTED_LINKS } from './fitted-links.js';

/** The constants that the package ships. */
export const FITTED: Fitted = {
  date: '2026-11-21',
  source: 'ai-dynamo/aiconfigurator 095f58a5 (Apache-2.0): 1,696 rows sampled',
  families: [...FITTED_COMPUTE, ...FITTED_LINKS],
};
