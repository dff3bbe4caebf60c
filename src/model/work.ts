// SPDX-License-Identifier: Apache-2.0
import { BYTES_PER_ELEMENT, kvElementsPerTokenPerLayer } from './bytes.js';
import { layerGroups } from './layers.js';
import { parameters } from './parameters.js';
import type { Attention, Indexer, KvDtype, LayerGroup, ModelArchitecture } from './types.js';

/** What attention does for the next token of one sequence, over all layers and ranks. */
export interface AttentionWork {
  flops: number;
  /** Cached bytes that are read; queries, outputs and the row written are left out. */
  bytes: number;
}

/**
 * FLOP of one query against one cached row in one layer. MLA is taken as decode runs it, absorbed:
 * scores over the latent and rope parts, values over the latent part.
 */
export function attentionFlopsPerRow(attention: Attention): number {
  if (attention.kind === 'MLA') {
    return 2 * attention.heads * (2 * attention.kvLoraRank + attention.qkRopeHeadDim);
  }
  return 4 * attention.heads * attention.headDim;
}

/** Rows that one query reads in one layer of the group at that context. */
function rowsRead(group: LayerGroup, context: number): number {
  switch (group.kind) {
    case 'full':
      return context;
    case 'sliding':
      return Math.min(context, group.windowTokens);
    case 'sparse':
      return Math.min(context, group.topTokens);
    case 'compressed': {
      const rows = Math.floor(context / group.ratio);
      const newest = Math.min(context, group.windowTokens);
      return Math.min(rows, group.topRows ?? rows) + newest;
    }
    default:
      return 0;
  }
}

/** Index keys that one query is compared with in one layer of the group. */
function keysCompared(group: LayerGroup, context: number): number {
  return group.kind === 'compressed' ? Math.floor(context / group.ratio) : context;
}

function addIndexer(work: AttentionWork, indexer: Indexer, keys: number): void {
  work.flops += indexer.layers * 2 * indexer.heads * indexer.headDim * keys;
  work.bytes += indexer.layers * indexer.keyBytes * keys;
}

/** Recurrent state: read by key, write, read by query, a multiply-add an element each. */
function addState(work: AttentionWork, elements: number): void {
  work.flops += 6 * elements;
  // Read and written, bf16.
  work.bytes += 2 * 2 * elements;
}

/** Attention (with indexers and state updates) of one decoded token at `context` tokens. */
export function attentionWork(
  model: ModelArchitecture,
  dtype: KvDtype,
  context: number,
): AttentionWork {
  const work = { flops: 0, bytes: 0 };
  const flopsPerRow = attentionFlopsPerRow(model.attention);
  const rowBytes = kvElementsPerTokenPerLayer(model) * BYTES_PER_ELEMENT[dtype];
  for (const group of layerGroups(model)) {
    const rows = group.layers * rowsRead(group, context);
    work.flops += rows * flopsPerRow;
    work.bytes += rows * rowBytes;
    if ('indexer' in group && group.indexer !== undefined) {
      addIndexer(work, group.indexer, keysCompared(group, context));
    }
    if (group.kind === 'linear') {
      addState(work, group.layers * group.valueHeads * group.keyHeadDim * group.valueHeadDim);
    } else if (group.kind === 'mamba') {
      addState(work, group.layers * group.heads * group.headDim * group.stateSize);
    }
  }
  return work;
}

/** FLOP of one decoded token at `context`: two a weight it passes through, and its attention. */
export function decodeFlopsPerToken(model: ModelArchitecture, context: number): number {
  const { active, embedding } = parameters(model);
  // The input embedding is a look-up; with tied weights the one matrix is the LM head.
  const lookup = model.tiedEmbeddings === true ? 0 : embedding / 2;
  return 2 * (active - lookup) + attentionWork(model, 'bf16', context).flops;
}

/**
 * FLOP a cached byte of decode attention when `queries` tokens of a sequence are verified at once:
 * the cache is read once for all of them. Compare with a device's ridge point.
 */
export function attentionIntensity(
  model: ModelArchitecture,
  dtype: KvDtype,
  queries: number,
): number {
  const rowBytes = kvElementsPerTokenPerLayer(model) * BYTES_PER_ELEMENT[dtype];
  return (queries * attentionFlopsPerRow(model.attention)) / rowBytes;
}
