// SPDX-License-Identifier: Apache-2.0
import type { Device, Status } from '../hardware/index.js';
import type { VariableInput } from './assumptions.js';
import { FITTED } from './op/index.js';
import {
  attentionList, devicePeaks, effectKeys, FITTED_SERVING, indexLayers, latentList, passList,
  servingCell, servingFamily, type ServingScales, type StepList,
} from './serving/index.js';
import type { OperationStepOptions } from './step/options.js';
import { COLD_ESTIMATOR } from './step/step-lists.js';
import { stepScales } from './step/step-prices.js';
import { operationLabel, trafficLabel } from './step/varied.js';

const FIT = `kvloom fit to ${FITTED.source}`;

/** Systems that serving rows were fitted on. */
const SERVED: readonly string[] = ['h100_sxm', 'h200_sxm', 'b200_sxm', 'b300_sxm'];

/** Shapes in the middle of what is served, to see which operations there are. */
const SHAPE = { sequences: 16, past: 4096 };

/** Every operation that a decode step and a chunk of a prompt run. */
function listsOf(options: OperationStepOptions): StepList[] {
  const decode = { kind: 'decode', newTokens: 1, ...SHAPE } as const;
  const prefill = { kind: 'prefill', newTokens: 512, ...SHAPE } as const;
  return [
    passList(options, SHAPE.sequences),
    ...[decode, prefill].flatMap((shape) =>
      [latentList(options, shape), attentionList(options, shape)]),
  ];
}

/** What is known of the constants that one kind of operation is priced with. */
interface Known {
  errorPercent: number;
  /** What stood in or lies outside of what was checked. */
  readonly notes: Set<string>;
  readonly experts: boolean;
}

function knownOperations(device: Device, lists: readonly StepList[]): Map<string, Known> {
  const { peaks } = devicePeaks(device);
  const all = new Map<string, Known>();
  for (const { operations } of lists) {
    for (const { operation, other, part } of operations) {
      const label = operationLabel(operation);
      const known = all.get(label)
        ?? { errorPercent: 0, notes: new Set<string>(), experts: part === 'experts' };
      all.set(label, known);
      for (const each of other === undefined ? [operation] : [operation, other]) {
        const bound = COLD_ESTIMATOR.bind(each, peaks);
        const { borrowed, family } = bound;
        const beyond = bound.beyond(each);
        known.errorPercent = Math.max(known.errorPercent, family.errors.rows);
        // Collectives are the library's, whose version is not the engine's.
        const own = borrowed === '' || (part === 'comm' && /^version [^,]*$/.test(borrowed));
        if (!own) known.notes.add(`borrowed: ${borrowed}`);
        if (beyond !== '') known.notes.add(`not checked: ${beyond}`);
      }
    }
  }
  return all;
}

function varied(
  options: OperationStepOptions,
  part: string,
): (factor: number) => OperationStepOptions {
  return (factor) => ({ ...options, varied: { part, factor } });
}

/** Time of each kind of operation over what its form says: 1. */
export function operationInputs(options: OperationStepOptions): VariableInput[] {
  const { layout, device } = options;
  const { borrowed } = devicePeaks(device);
  const lists = listsOf(options);
  const list: VariableInput[] = [];
  let experts = '';
  for (const [label, { errorPercent, notes, experts: routed }] of knownOperations(device, lists)) {
    if (routed) experts = label;
    if (borrowed !== '') notes.add(`borrowed: ${borrowed}`);
    const words = [`${FIT}; mean error on rows left out ${errorPercent} %`, ...notes];
    list.push({
      what: `${label}: time over its fitted form`, value: 1, unit: 'x',
      source: words.join('; '), status: notes.size === 0 ? 'inferred' : 'assumed',
      options: varied(options, label),
    });
  }
  if (layout.moeEp > 1 && experts !== '') {
    list.push({
      what: 'experts: load of the busiest rank over the mean', value: 1, unit: 'x',
      source: 'kvloom: routing is uniform and all ranks have as many tokens', status: 'assumed',
      options: varied(options, experts),
    });
  }
  const traffic = lists.flatMap((each) => each.traffic);
  const shares = new Map(traffic.map((each) => [trafficLabel(each), each.share]));
  for (const [label, share] of shares) {
    list.push({
      what: `${label}: time at ${share} of peak`, value: 1, unit: 'x',
      source: 'kvloom, no rows', status: 'assumed', options: varied(options, label),
    });
  }
  return list;
}

const SCALES: Readonly<Record<Exclude<keyof ServingScales, 'mixed'>, [string, string]>> = {
  gemm: ['factor on products', 'x'],
  attention: ['factor on attention', 'x'],
  experts: ['factor on experts', 'x'],
  comm: ['factor on collectives', 'x'],
  prefill: ['factor on prompts', 'x'],
  launches: ['share of launches that graphs leave', 'share'],
  glueUs: ['fixed time a layer', 'us'],
  indexUs: ['fixed time a layer with an indexer', 'us'],
  hostUs: ['host time a step', 'us'],
  sequenceUs: ['host time a sequence and step', 'us'],
};

/** Constants on top of operations, as fitted for engine, generation and family of model. */
export function scaleInputs(options: OperationStepOptions): VariableInput[] {
  const { device, model, engine, layout } = options;
  const { generation } = devicePeaks(device).peaks;
  const scales = options.scales ?? stepScales(engine, generation, model);
  const group = { engine, generation, family: servingFamily(model) };
  const missing = effectKeys(group).filter((key) => FITTED_SERVING.effects[key] === undefined);
  const cell = servingCell(group);
  if (missing.length === 0 && FITTED_SERVING.cells[cell] === undefined) missing.push(cell);
  const notes = missing.map((key) => `no rows of ${key}`);
  if (!SERVED.includes(device.id)) notes.push(`no rows of ${device.id}`);
  const { source, groups } = FITTED_SERVING;
  const fit = `kvloom fit to ${source}; median TPOT error on groups left out ${groups.median} %`;
  const status: Status = notes.length === 0 ? 'inferred' : 'assumed';
  const unused = new Set<string>();
  if (indexLayers(model) === 0) unused.add('indexUs');
  if (model.ffn.kind === 'dense') unused.add('experts');
  if (layout.tp * layout.dp === 1) unused.add('comm');
  const names = Object.keys(SCALES) as (keyof typeof SCALES)[];
  return names.filter((name) => !unused.has(name)).map((name): VariableInput => {
    const [what, unit] = SCALES[name];
    return {
      what: `${engine}: ${what}`, value: Math.round(scales[name] * 1000) / 1000, unit,
      source: [fit, ...notes].join('; '), status,
      options: (factor) => ({ ...options, scales: { ...scales, [name]: factor * scales[name] } }),
    };
  });
}
