// SPDX-License-Identifier: Apache-2.0
/** A model architecture as a user writes it. */
import { z } from 'zod';

const name = z.string().min(1);
const count = z.int().positive();
const some = z.int().min(0);

const grouped = z.strictObject({
  kind: z.enum(['GQA', 'MHA']),
  heads: count,
  kvHeads: count,
  headDim: count,
  qkNorm: z.boolean(),
  outputGate: z.boolean().exactOptional(),
  keyIsValue: z.boolean().exactOptional(),
  qLoraRank: count.exactOptional(),
  outputBottleneck: z.strictObject({ groups: count, rank: count }).exactOptional(),
});
const latent = z.strictObject({
  kind: z.literal('MLA'),
  heads: count,
  qLoraRank: some,
  kvLoraRank: count,
  qkNopeHeadDim: count,
  qkRopeHeadDim: some,
  vHeadDim: count,
});

const indexer = z.strictObject({ heads: count, headDim: count, keyBytes: count, layers: count });
const group = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('full'), layers: count }),
  z.strictObject({ kind: z.literal('sliding'), layers: count, windowTokens: count }),
  z.strictObject({ kind: z.literal('sparse'), layers: count, topTokens: count, indexer }),
  z.strictObject({
    kind: z.literal('compressed'),
    layers: count,
    ratio: count,
    windowTokens: some,
    topRows: count.exactOptional(),
    indexer: indexer.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('linear'),
    layers: count,
    keyHeads: count,
    valueHeads: count,
    keyHeadDim: count,
    valueHeadDim: count,
    convolutionWidth: some,
    gateRank: count.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('mamba'),
    layers: count,
    heads: count,
    headDim: count,
    stateSize: count,
    groups: count,
    convolutionWidth: some,
  }),
  z.strictObject({ kind: z.literal('ffn'), layers: count }),
]);

const dense = z.strictObject({
  kind: z.literal('dense'),
  intermediateSize: count,
  ffnLayers: count.exactOptional(),
  matrices: z.union([z.literal(2), z.literal(3)]).exactOptional(),
});
const moe = z.strictObject({
  kind: z.literal('MoE'),
  routedExperts: count,
  expertsPerToken: count,
  sharedExperts: some,
  expertIntermediateSize: count,
  denseLayers: some,
  denseIntermediateSize: some,
  moeLayers: count.exactOptional(),
  sharedIntermediateSize: some.exactOptional(),
  matrices: z.union([z.literal(2), z.literal(3)]).exactOptional(),
  latentSize: count.exactOptional(),
});

export const modelSchema = z.strictObject({
  id: name,
  name,
  aliases: z.array(z.string()).default([]),
  layers: count,
  hiddenSize: count,
  vocabularySize: count,
  maxContextTokens: count,
  attention: z.discriminatedUnion('kind', [grouped, latent]),
  layerGroups: z.array(group).min(1).exactOptional(),
  ffn: z.discriminatedUnion('kind', [dense, moe]),
  tiedEmbeddings: z.boolean().exactOptional(),
  mtpLayers: some.exactOptional(),
  publishedParameters: z.number().positive().nullable().default(null),
  publishedActiveParameters: z.number().positive().exactOptional(),
  source: name,
  date: name,
  status: z.enum(['measured', 'vendor claim', 'inferred', 'assumed']),
  note: z.string().exactOptional(),
});
