// SPDX-License-Identifier: Apache-2.0
import { NS_PER_US } from '../../hardware/index.js';
import { BINDS } from '../serving/step-cost.js';
import type { DecodeSteps, StepCost, StepLoad, StepModel } from '../types.js';
import { cellOf, cellStart, GRID_CELLS } from './context-grid.js';
import { DecodeTable } from './decode-table.js';
import type { OperationStepOptions } from './options.js';
import { StepLists } from './step-lists.js';
import { StepPrices } from './step-prices.js';
import { Work } from './work.js';

/**
 * Steps of one rank as a sum of operations, one after another, with the constants that published
 * serving rows were fitted with (`src/cost/serving`).
 *
 *   decodes only   fixed + scales * (pass(sequences) + head + attention(contexts))
 *   prompts only   fixed + K * (pass(tokens) + head + attention(chunks))
 *   both           decodes + K * (pass(all tokens) - pass(sequences) + ... of the chunks), so that
 *                  weights are read once; at least what the prompts alone would take
 *
 * `fixed` is a layer's small kernels, host time of the step and of its sequences. Ranks and experts
 * are equally loaded.
 */
class OperationStepModel implements StepModel {
  private readonly prices: StepPrices;
  private readonly tables: (DecodeTable | undefined)[] = [];
  /** Of the step in progress, by index of `BOUNDS`. */
  private readonly binds = new Float64Array(4);
  /** Of its chunks. */
  private readonly core = new Work();
  private readonly expanded = new Work();
  private readonly latent: boolean;
  // Line of the cell that the last decode step lay in; `slope` is ns a token of context.
  private start = 0;
  private end = 0;
  private value = 0;
  private slope = 0;

  constructor(options: OperationStepOptions, lists: StepLists) {
    this.prices = new StepPrices(options, lists);
    this.latent = options.model.attention.kind === 'MLA';
  }

  price(load: Readonly<StepLoad>, out: StepCost): number {
    const { decodeSequences: decodes, prefillTokens } = load;
    if (!(decodes + prefillTokens > 0)) {
      throw new RangeError('a step needs at least one decoding sequence or prompt token');
    }
    if (prefillTokens === 0) return this.decodes(decodes, load.decodeContext, out);
    return decodes === 0 ? this.prompts(load, out) : this.both(load, out);
  }

  decodeEnds(run: DecodeSteps, ends: Float64Array, at: number): number {
    const { sequences, steps, startNs } = run;
    const table = this.table(sequences);
    const base = table.baseNs;
    let { context } = run;
    let time = startNs;
    for (let i = 0; i < steps;) {
      this.enter(table, context);
      const { start, end, value, slope } = this;
      const last = Math.min(steps, i + Math.ceil((end - context) / sequences));
      for (; i < last; i++) {
        time += Math.round(base + (value + slope * (context - start)));
        ends[at + i] = time;
        context += sequences;
      }
    }
    return time;
  }

  private table(sequences: number): DecodeTable {
    const found = this.tables[sequences];
    if (found !== undefined) return found;
    if (!Number.isInteger(sequences) || sequences < 1) {
      throw new RangeError(`sequences must be a whole number of 1 or more, got ${sequences}`);
    }
    const made = new DecodeTable(this.prices, sequences);
    this.tables[sequences] = made;
    return made;
  }

  /** Sets the line of the cell with that sum of contexts. */
  private enter(table: DecodeTable, context: number): void {
    const { sequences } = table;
    const cell = cellOf(Math.floor(context / sequences));
    const from = cellStart(cell);
    const to = cellStart(cell + 1);
    this.start = from * sequences;
    this.end = cell === GRID_CELLS - 1 ? Infinity : to * sequences;
    this.value = table.at(cell);
    this.slope = (table.at(cell + 1) - this.value) / ((to - from) * sequences);
  }

  /** The same expressions as in `decodeEnds`: the two must agree to the last bit. */
  private attentionNs(table: DecodeTable, context: number): number {
    this.enter(table, context);
    return this.value + this.slope * (context - this.start);
  }

  private decodes(sequences: number, context: number, out: StepCost): number {
    const table = this.table(sequences);
    const attentionNs = this.attentionNs(table, context);
    const totalNs = Math.round(table.baseNs + attentionNs);
    out.totalNs = totalNs;
    out.attentionNs = attentionNs;
    out.gemmNs = table.base.gemm;
    out.communicationNs = table.base.comm;
    out.overheadNs = table.base.launches;
    // Four assignments: a call of `set` takes longer.
    for (let i = 0; i < 4; i++) this.binds[i] = table.binds[i];
    this.binds[table.attentionBind] += attentionNs;
    out.bound = largest(this.binds);
    return totalNs;
  }

  /** Fills the work of the chunks alone that no other token shares. */
  private chunks(load: Readonly<StepLoad>): void {
    const { prefillTokens: tokens, prefillSequences, prefillPairs, prefillContext } = load;
    const sequences = Math.max(1, prefillSequences);
    const newTokens = tokens / sequences;
    // Chunks of one size with the pairs of all; cached tokens are what makes that true.
    const past = Math.max(0, (prefillPairs / tokens - newTokens) / 2);
    const context = Math.max(tokens, prefillContext);
    const shape = { kind: 'prefill', sequences, newTokens, past, context } as const;
    this.prices.attention(shape, this.core);
    if (this.latent) this.prices.expand(context, this.expanded);
  }

  private prompts(load: Readonly<StepLoad>, out: StepCost): number {
    const { prices } = this;
    this.chunks(load);
    const fixedNs = prices.fixedNs(load.prefillSequences);
    out.attentionNs = 0;
    out.gemmNs = 0;
    out.communicationNs = 0;
    out.overheadNs = fixedNs;
    this.binds.fill(0);
    this.binds[BINDS.latency] = fixedNs;
    this.add(prices.pass(load.prefillTokens), 1, out);
    this.add(this.core, 1, out);
    this.add(this.expanded, 1, out);
    if (load.sampledSequences > 0) this.add(prices.head(load.sampledSequences), 1, out);
    return this.close(out);
  }

  private both(load: Readonly<StepLoad>, out: StepCost): number {
    const { prices } = this;
    const { decodeSequences, prefillTokens, prefillSequences, sampledSequences } = load;
    this.chunks(load);
    this.decodes(decodeSequences, load.decodeContext, out);
    const { pass, head } = this.table(decodeSequences);
    const sequencesNs = prefillSequences * prices.scales.sequenceUs * NS_PER_US;
    out.overheadNs += sequencesNs;
    this.binds[BINDS.latency] += sequencesNs;
    const all = prices.pass(decodeSequences + prefillTokens);
    this.add(all, 1, out);
    this.add(pass, -1, out);
    this.add(this.core, 1, out);
    this.add(this.expanded, 1, out);
    let alone = prices.fixedNs(prefillSequences) + this.core.promptNs + this.expanded.promptNs;
    const finished = sampledSequences - decodeSequences;
    if (finished > 0) {
      this.add(prices.head(sampledSequences), 1, out);
      this.add(head, -1, out);
      alone += prices.head(finished).promptNs;
    }
    // Constants of decode may be far below those of prompts: never less than the prompts alone.
    const sum = out.attentionNs + out.gemmNs + out.communicationNs + out.overheadNs;
    // Fewer tokens pass no slower than all of them: mostly that says enough.
    if (alone + all.promptNs > sum) {
      alone += prices.pass(prefillTokens).promptNs;
      if (alone > sum) out.gemmNs += alone - sum;
    }
    return this.close(out);
  }

  private add(work: Work, sign: 1 | -1, out: StepCost): void {
    const { prompt, promptBinds } = work;
    out.attentionNs += sign * prompt.attention;
    out.gemmNs += sign * prompt.gemm;
    out.communicationNs += sign * prompt.comm;
    out.overheadNs += sign * prompt.launches;
    for (let i = 0; i < 4; i++) this.binds[i] += sign * promptBinds[i];
  }

  private close(out: StepCost): number {
    out.bound = largest(this.binds);
    out.totalNs = Math.round(
      out.attentionNs + out.gemmNs + out.communicationNs + out.overheadNs,
    );
    return out.totalNs;
  }
}

/** Index of the largest; the earlier one wins a tie. */
function largest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** The step model of a model on a layout; `lists` are made unless another model's fit. */
export function makeOperationStepModel(
  options: OperationStepOptions,
  lists = new StepLists(options),
): StepModel {
  return new OperationStepModel(options, lists);
}
