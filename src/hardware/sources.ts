// SPDX-License-Identifier: Apache-2.0
import type { Provenance } from './types.js';

function from(status: Provenance['status'], source: string, date: string): Provenance {
  return { source, date, status };
}

const AIC = 'ai-dynamo/aiconfigurator systems/*.yaml, commit 095f58a5';
const INFERENCEX = 'SemiAnalysisAI/InferenceX-app gpu-specs.ts and constants.ts, commit 77ca49a6';
const NVIDIA_BLOG = 'NVIDIA Technical Blog';

/** Every source of the catalogue, named once. */
export const SOURCES = {
  datasheet: from(
    'vendor claim',
    'NVIDIA H100/H200/Blackwell/Blackwell Ultra datasheets, via ai-dynamo/aiconfigurator',
    '2026-08-21',
  ),
  inferenceX: from('vendor claim', INFERENCEX, '2026-04-03'),
  allInPower: from(
    'inferred',
    `SemiAnalysis data-centre model, all-in provisioned, in ${INFERENCEX}`,
    '2026-04-03',
  ),
  aiconfigurator: from('vendor claim', AIC, '2026-08-21'),
  aicConstants: from('inferred', `${AIC}; unofficial corrections by their own mark`, '2026-08-21'),
  aisimulate: from(
    'measured',
    'ai-dynamo/aisimulate profile evidence of pre-production Vera Rubin parts',
    '2026-08',
  ),
  aisimulateSystem: from(
    'inferred',
    'ai-dynamo/aisimulate system vr_nvl72, marked experimental there',
    '2026-08',
  ),
  verda: from(
    'vendor claim',
    'Verda, NVIDIA GB300 NVL72: GPU Architecture & Performance',
    '2026',
  ),
  rubinBlog: from(
    'vendor claim',
    `Inside the NVIDIA Rubin Platform: Six New Chips (${NVIDIA_BLOG}), through secondary pages`,
    '2026-01',
  ),
  performanceIndex: from(
    'inferred',
    'jasonlizhengjian/inference-performance-index release notes, Rubin revision',
    '2026-10-20',
  ),
  margins: from('inferred', 'AshitaOrbis/inference-margins, commit d16da8b5', '2026-07-15'),
  rackPower: from(
    'inferred',
    'Sand to Superintelligence ch. 14 drill cards; Compal HGX Rubin NVL8 page via ngtimes',
    '2026-06-02',
  ),
  rackPages: from('vendor claim', 'AI Wiki GB200/GB300 NVL72 pages', '2026-06'),
  awesome: from('vendor claim', 'awesomeagents.ai hardware pages', '2026'),
  awesomePrice: from('inferred', 'awesomeagents.ai hardware pages', '2026'),
  register: from(
    'vendor claim',
    "The Register, Decoding Nvidia's Groq-powered LPX",
    '2026-03-19',
  ),
  lpxBlog: from('vendor claim', `Inside NVIDIA Groq 3 LPX (${NVIDIA_BLOG})`, '2026-03-16'),
  scaleUpBlog: from(
    'vendor claim',
    `How the Vera Rubin Platform is Solving Agentic AI's Scale-Up Problem (${NVIDIA_BLOG})`,
    '2026-05-14',
  ),
  unpublished: from('assumed', 'no published value found; a required input', '2026-11-20'),
  wafer: from(
    'vendor claim',
    'Cerebras WSE-3/CS-3 pages on AI Wiki and awesomeagents.ai, tokenomics.info/cerebras',
    '2026',
  ),
  veraNews: from(
    'vendor claim',
    'TechSpot, nexttech and ServeTheHome on the launch of the NVIDIA Vera CPU',
    '2026-03',
  ),
  recalled: from(
    'vendor claim',
    'widely published vendor figure, recalled and not read again',
    '2026-11-20',
  ),
  bluefieldNews: from(
    'vendor claim',
    'VentureBeat and SiliconANGLE on BlueField-4 STX (2026-03); Stratechery on 16 TB per GPU',
    '2026-03-17',
  ),
  storageTables: from(
    'inferred',
    'generic latency tables: pscicomp GPU to NVMe, simplyblock and nvme-storage.com glossaries',
    '2026-11-20',
  ),
  derived: from('inferred', 'kvloom, computed from other facts of the catalogue', '2026-11-20'),
  kvloomGuess: from('assumed', 'kvloom; measure before relying on it', '2026-11-20'),
  deepep: from('measured', 'deepseek-ai/DeepEP README and docs/legacy.md, commit 0297fc80', '2026'),
} as const satisfies Record<string, Provenance>;
