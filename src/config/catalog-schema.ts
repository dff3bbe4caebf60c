// SPDX-License-Identifier: Apache-2.0
/** Devices, models and tariffs of the user's own: the schema of the built-in catalogue. */
import { z } from 'zod';
import { modelSchema } from './model-schema.js';

const name = z.string().min(1);
const positive = z.number().positive();
const share = z.number().min(0);
const STATUSES = ['measured', 'vendor claim', 'inferred', 'assumed'] as const;

/** Every group of numbers says where it comes from. */
export const provenance = {
  source: name.describe('Where the numbers come from.'),
  date: name.describe('When the source was published or read, ISO 8601.'),
  status: z.enum(STATUSES).describe('How far the numbers can be trusted.'),
  note: z.string().exactOptional(),
};
const identity = { id: name, name, aliases: z.array(z.string()).default([]) };

const link = z.strictObject({
  ...provenance,
  name,
  bandwidthBytesPerS: positive.describe('One GPU, one direction.'),
  domainGpus: z.int().positive().exactOptional(),
});

export const deviceSchema = z.strictObject({
  ...identity,
  architecture: z.enum(['hopper', 'blackwell', 'rubin']),
  compute: z.strictObject({
    ...provenance,
    bf16FlopsPerS: positive,
    fp8FlopsPerS: positive,
    nvfp4FlopsPerS: positive.nullable(),
    nvfp4HeadlineFlopsPerS: positive.exactOptional(),
    exp2PerS: positive.exactOptional(),
  }),
  memory: z.strictObject({
    ...provenance,
    type: name,
    bandwidthBytesPerS: positive,
    capacityBytes: positive,
    visibleBytes: positive,
  }),
  scaleUp: link,
  scaleOut: link,
  hostLink: link,
  power: z.strictObject({ ...provenance, gpuTdpW: positive }),
  dataCentrePower: z.strictObject({ ...provenance, allInW: positive.nullable() }),
});

const fact = z.strictObject({
  ...provenance,
  value: z.number().nullable(),
  unit: name,
  low: z.number().exactOptional(),
  high: z.number().exactOptional(),
});

const PART_KINDS = ['accelerator', 'host', 'nic', 'dpu', 'switch', 'link', 'tier', 'rack'] as const;

export const partSchema = z.strictObject({
  ...identity,
  kind: z.enum(PART_KINDS),
  facts: z.record(z.string(), fact),
  contents: z.record(z.string(), z.int().positive()).exactOptional(),
});

const hour = z.number().min(0).max(24);

export const tariffSchema = z.strictObject({
  ...provenance,
  ...identity,
  provider: name,
  inputUsdPerMtok: share,
  outputUsdPerMtok: share,
  cacheReadMultiplier: share,
  cacheWrites: z.array(
    z.strictObject({ ttlSeconds: positive.nullable(), multiplier: share.nullable() }),
  ),
  minimumPrefixTokens: z.int().min(0).exactOptional(),
  promptSteps: z.array(
    z.strictObject({
      abovePromptTokens: z.int().positive(),
      inputMultiplier: share.nullable(),
      outputMultiplier: share.nullable(),
    }),
  ).exactOptional(),
  peakHours: z.strictObject({
    multiplier: positive,
    weekdaysOnly: z.boolean(),
    utcHours: z.array(z.tuple([hour, hour])),
  }).exactOptional(),
});

export const gpuHourSchema = z.strictObject({
  ...provenance,
  id: name,
  device: name,
  basis: z.enum(['market', 'tco']),
  what: name,
  usdPerGpuHour: positive,
  low: positive.exactOptional(),
  high: positive.exactOptional(),
});

/** A catalogue file, and the `catalog` key of a run config. */
export const catalogSchema = z.strictObject({
  schema: z.literal(1).default(1),
  devices: z.array(deviceSchema).default([]),
  parts: z.array(partSchema).default([]),
  models: z.array(modelSchema).default([]),
  tariffs: z.array(tariffSchema).default([]),
  gpuHours: z.array(gpuHourSchema).default([]),
});

/** Entries that stand before the built-in ones of the same name. */
export type Catalog = z.output<typeof catalogSchema>;
