// SPDX-License-Identifier: Apache-2.0
import type { Provenance } from '../hardware/index.js';
import type { PeakHours, Tariff } from './types.js';

const DEEPSEEK: Provenance = {
  source: 'DeepSeek API docs, Models & Pricing (versions read: before 2026-08-16 change, and '
    + '2026-10)',
  date: '2026-10',
  status: 'vendor claim',
};
const MARGINS_LEDGER: Provenance = {
  source: 'AshitaOrbis/inference-margins grounding ledger (2026-07-15), citing the Moonshot '
    + 'platform',
  date: '2026-07-15',
  status: 'vendor claim',
};
const MARGINS_GLM: Provenance = {
  source: 'AshitaOrbis/inference-margins (2026-07-15): cache read 19% of input',
  date: '2026-07-15',
  status: 'vendor claim',
};
const MARGINS_GROK: Provenance = {
  source: 'AshitaOrbis/inference-margins (2026-07-15): cache read 25% of input',
  date: '2026-07-15',
  status: 'vendor claim',
};
const MARGINS_GEMINI: Provenance = {
  source: 'AshitaOrbis/inference-margins (2026-07-15); cache read discount up to 90% per '
    + 'APIYI reading of Google docs (2026-06)',
  date: '2026-07-15',
  status: 'vendor claim',
};

/** Twice the price on weekdays since 2026-08-16. */
const DEEPSEEK_PEAK: PeakHours = {
  multiplier: 2,
  weekdaysOnly: true,
  utcHours: [[1, 4], [6, 10]],
};

export const OTHER_TARIFFS: readonly Tariff[] = [
  {
    ...DEEPSEEK,
    id: 'deepseek-v4-flash-2026-08',
    name: 'deepseek-v4-flash until 2026-08-16',
    provider: 'DeepSeek',
    aliases: [],
    inputUsdPerMtok: 0.14,
    outputUsdPerMtok: 0.28,
    cacheReadMultiplier: 0.02,
    cacheWrites: [],
  },
  {
    ...DEEPSEEK,
    id: 'deepseek-v4-pro-2026-08',
    name: 'deepseek-v4-pro until 2026-08-16',
    provider: 'DeepSeek',
    aliases: [],
    inputUsdPerMtok: 0.435,
    outputUsdPerMtok: 0.87,
    cacheReadMultiplier: 0.003625 / 0.435,
    cacheWrites: [],
  },
  {
    ...DEEPSEEK,
    id: 'deepseek-v4.1-flash',
    name: 'deepseek-flash (V4.1-Flash)',
    provider: 'DeepSeek',
    aliases: ['deepseek-flash'],
    inputUsdPerMtok: 0.15,
    outputUsdPerMtok: 0.6,
    cacheReadMultiplier: 0.02,
    cacheWrites: [],
    peakHours: DEEPSEEK_PEAK,
  },
  {
    ...DEEPSEEK,
    id: 'deepseek-v4-pro',
    name: 'deepseek-v4-pro',
    provider: 'DeepSeek',
    aliases: [],
    inputUsdPerMtok: 0.66,
    outputUsdPerMtok: 1.98,
    cacheReadMultiplier: 0.022 / 0.66,
    cacheWrites: [],
    peakHours: DEEPSEEK_PEAK,
  },
  {
    ...MARGINS_LEDGER,
    id: 'kimi-k2.7-code',
    name: 'Kimi K2.7 Code',
    provider: 'Moonshot',
    aliases: [],
    inputUsdPerMtok: 0.95,
    outputUsdPerMtok: 4,
    cacheReadMultiplier: 0.2,
    cacheWrites: [],
  },
  {
    ...MARGINS_GLM,
    id: 'glm-5.2',
    name: 'GLM-5.2',
    provider: 'Z.ai',
    aliases: [],
    inputUsdPerMtok: 1.4,
    outputUsdPerMtok: 4.4,
    cacheReadMultiplier: 0.26 / 1.4,
    cacheWrites: [],
  },
  {
    ...MARGINS_GROK,
    id: 'grok-4.5',
    name: 'Grok 4.5',
    provider: 'xAI',
    aliases: [],
    inputUsdPerMtok: 2,
    outputUsdPerMtok: 6,
    cacheReadMultiplier: 0.25,
    cacheWrites: [],
  },
  {
    ...MARGINS_GEMINI,
    status: 'inferred',
    id: 'gemini-3.1-pro',
    name: 'Gemini 3.1 Pro',
    provider: 'Google',
    aliases: [],
    inputUsdPerMtok: 2,
    outputUsdPerMtok: 12,
    cacheReadMultiplier: 0.1,
    cacheWrites: [],
    minimumPrefixTokens: 4096,
    promptSteps: [
      { abovePromptTokens: 200000, inputMultiplier: null, outputMultiplier: null },
    ],
    note: 'explicit caches also bill storage per token-hour; not re-read',
  },
];
