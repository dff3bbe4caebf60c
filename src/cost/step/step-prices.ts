// SPDX-License-Identifier: Apache-2.0
import { NS_PER_US } from '../../hardware/index.js';
import type { ModelArchitecture } from '../../model/index.js';
import type { Engine } from '../engine.js';
import type { AttentionShape } from '../serving/attention-operations.js';
import { FITTED_SERVING } from '../serving/fitted-serving.js';
import { indexLayers, servingFamily } from '../serving/model-kind.js';
import { servingScales } from '../serving/scales.js';
import type { ServingScales } from '../serving/tpot.js';
import type { LinearList } from './linear-list.js';
import type { OperationStepOptions } from './options.js';
import type { StepLists } from './step-lists.js';
import type { Varied } from './varied.js';
import { Work, WorkSum } from './work.js';

/** Fitted constants of an engine for a model on a generation of devices. */
export function stepScales(
  engine: Engine,
  generation: string,
  model: ModelArchitecture,
): ServingScales {
  const family = servingFamily(model);
  return servingScales(FITTED_SERVING.effects, { engine, generation, family });
}

/** A list priced by number of tokens, remembered. */
class Counted {
  private readonly known = new Map<number, Work>();

  constructor(
    private readonly list: LinearList,
    private readonly sum: WorkSum,
    private readonly varied: Varied | undefined,
  ) {}

  at(count: number): Work {
    let work = this.known.get(count);
    if (work === undefined) {
      work = this.once(count, new Work());
      this.known.set(count, work);
    }
    return work;
  }

  /** Fills `work` and remembers nothing. */
  once(count: number, work: Work): Work {
    const { parts, binds } = this.sum.begin();
    this.list.addTo(count, parts, binds, this.varied);
    return this.sum.end(work);
  }
}

/** Prices the parts of steps; those that only a count decides are remembered by it. */
export class StepPrices {
  readonly scales: ServingScales;
  private readonly sum: WorkSum;
  private readonly passes: Counted;
  private readonly heads: Counted;
  private readonly absorbed: Counted;
  private readonly expanded: Counted;
  private readonly layerNs: number;
  private readonly varied: Varied | undefined;

  /** `lists`: those of the options' model, layout, formats and device. */
  constructor(options: OperationStepOptions, private readonly lists: StepLists) {
    const { model, engine, varied } = options;
    this.scales = options.scales ?? stepScales(engine, lists.peaks.generation, model);
    this.sum = new WorkSum(this.scales);
    this.varied = varied;
    const counted = (list: LinearList): Counted => new Counted(list, this.sum, varied);
    this.passes = counted(lists.pass);
    this.heads = counted(lists.head);
    this.absorbed = counted(lists.absorbed);
    this.expanded = counted(lists.expanded);
    const { glueUs, indexUs } = this.scales;
    this.layerNs = (model.layers * glueUs + indexLayers(model) * indexUs) * NS_PER_US;
  }

  /** Time of a step with so many sequences beside its operations, ns. */
  fixedNs(sequences: number): number {
    const { hostUs, sequenceUs } = this.scales;
    return this.layerNs + (hostUs + sequenceUs * sequences) * NS_PER_US;
  }

  /** All that so many new tokens of a rank pass through, attention apart. */
  pass(tokens: number): Work {
    return this.passes.at(tokens);
  }

  /** LM head on so many rows, at least one. */
  head(rows: number): Work {
    return this.heads.at(rows);
  }

  /** Products that latent attention absorbs in decode. */
  absorb(sequences: number): Work {
    return this.absorbed.at(sequences);
  }

  /** Keys and values that latent attention expands before prefill; fills `work`. */
  expand(rows: number, work: Work): Work {
    return this.expanded.once(rows, work);
  }

  /** Attention to what is cached; fills `work`. */
  attention(shape: AttentionShape, work: Work): Work {
    const core = this.lists.cores[shape.kind];
    const { parts, binds } = this.sum.begin();
    core.addTo(shape, parts, binds, this.varied);
    return this.sum.end(work);
  }
}
