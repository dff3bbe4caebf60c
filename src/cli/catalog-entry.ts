// SPDX-License-Identifier: Apache-2.0
/** One entry of the catalogue in full: what was written, and what follows from it. */
import { deviceFacts, partFacts, rackTotals, ridgePoint } from '../hardware/index.js';
import type { NamedFact } from '../hardware/index.js';
import {
  decodeFlopsPerToken,
  fixedBytesPerSequence,
  kvBytesPerToken,
  parameters,
  weightBytes,
  type ModelArchitecture,
} from '../model/index.js';
import { relativeInputCost, type GpuHour, type Tariff } from '../price/index.js';
import type { Lookup } from '../run/index.js';

export interface Entry {
  /** What the catalogue holds. */
  readonly entry: object;
  /** Its numbers and those computed from them, each with source and status. */
  readonly facts: readonly NamedFact[];
  /** Sentences for a person. */
  readonly remarks?: readonly string[];
}

const DTYPES = ['bf16', 'fp8', 'nvfp4'] as const;
/** Context at which FLOP a token are shown. */
const SHOWN_CONTEXT = 8192;
const SHOWN_HIT_RATE = 0.95;

export function hardwareEntry(catalogue: Lookup, name: string): Entry | undefined {
  // A name of a rack may also be an alias of its GPU: what is written exactly comes first.
  const exact = catalogue.parts.find(({ id }) => id === name);
  const device = exact === undefined ? catalogue.findDevice(name) : undefined;
  if (device !== undefined) {
    const facts = deviceFacts(device);
    for (const format of DTYPES) {
      const value = ridgePoint(device, format);
      if (value === null) continue;
      const source = 'dense peak / HBM bandwidth';
      const { date } = device.compute;
      facts.push({
        name: `ridge point ${format}`, value, unit: 'FLOP/byte', source, date, status: 'inferred',
      });
    }
    return { entry: device, facts };
  }
  const part = exact ?? catalogue.findPart(name);
  if (part === undefined) return undefined;
  const find = { device: catalogue.findDevice, part: catalogue.findPart };
  const totals = part.contents === undefined ? [] : rackTotals(part, find);
  const contents = Object.entries(part.contents ?? {}).map(([id, count]) => `${count} x ${id}`);
  const remarks = contents.length === 0 ? [] : [`contents: ${contents.join(', ')}`];
  return { entry: part, facts: [...partFacts(part), ...totals], remarks };
}

/** What follows from a configuration. */
function modelFacts(model: ModelArchitecture): NamedFact[] {
  const { date } = model;
  const fact = (name: string, value: number, unit: string): NamedFact => {
    const source = `computed from the configuration: ${model.source}`;
    return { name, value, unit, source, date, status: 'inferred' };
  };
  const count = parameters(model);
  const published: NamedFact[] = model.publishedParameters === null ? [] : [{
    name: 'parameters, published',
    value: model.publishedParameters,
    unit: 'parameters',
    source: model.source,
    date,
    status: model.status,
  }];
  const facts = [
    fact('parameters', count.total, 'parameters'),
    ...published,
    fact('parameters, active', count.active, 'parameters'),
  ];
  for (const dtype of DTYPES) {
    facts.push(fact(`weights ${dtype}`, weightBytes(model, dtype), 'byte'));
  }
  for (const dtype of DTYPES) {
    facts.push(fact(`KV a token ${dtype}`, kvBytesPerToken(model, dtype), 'byte'));
  }
  if (model.attention.kind === 'MLA') {
    const padded = kvBytesPerToken(model, 'fp8', 'flashmla');
    facts.push(fact('KV a token fp8, FlashMLA rows', padded, 'byte'));
  }
  const fixed = fixedBytesPerSequence(model, { dtype: 'bf16' });
  if (fixed > 0) facts.push(fact('windows and state a sequence bf16', fixed, 'byte'));
  const flops = decodeFlopsPerToken(model, SHOWN_CONTEXT);
  facts.push(fact(`FLOP a decoded token at ${SHOWN_CONTEXT} tokens`, flops, 'FLOP'));
  return facts;
}

export function modelEntry(catalogue: Lookup, name: string): Entry | undefined {
  const model = catalogue.findModel(name);
  if (model === undefined) return undefined;
  return { entry: model, facts: modelFacts(model) };
}

function tariffFacts(tariff: Tariff): NamedFact[] {
  const { source, date, status } = tariff;
  const perMtok = (name: string, value: number): NamedFact =>
    ({ name, value, unit: 'USD/Mtok', source, date, status });
  const { inputUsdPerMtok: input, cacheReadMultiplier: read } = tariff;
  const facts = [
    perMtok('uncached input', input),
    perMtok('cached input', input * read),
    perMtok('output', tariff.outputUsdPerMtok),
  ];
  for (const { ttlSeconds, multiplier } of tariff.cacheWrites) {
    const life = ttlSeconds === null ? 'life not published' : `${ttlSeconds} s`;
    const value = multiplier === null ? null : input * multiplier;
    facts.push({ ...perMtok(`cache write, ${life}`, 0), value });
  }
  const write = tariff.cacheWrites.length === 0 ? 1 : tariff.cacheWrites[0].multiplier;
  if (write === null) return facts;
  facts.push({
    name: `input at ${SHOWN_HIT_RATE * 100} % hits, of uncached input`,
    value: relativeInputCost(SHOWN_HIT_RATE, write, read),
    unit: 'share',
    source: `(1 - h) x write + h x read: ${source}`,
    date,
    status: 'inferred',
  });
  return facts;
}

function hourFacts(hours: readonly GpuHour[]): NamedFact[] {
  return hours.map(({ id, what, usdPerGpuHour: value, low, high, source, date, status }) => ({
    name: `${id}: ${what}`,
    value,
    unit: 'USD/GPU-hour',
    source,
    date,
    status,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
  }));
}

/** A tariff, one hourly price, or all hourly prices of a device. */
export function priceEntry(catalogue: Lookup, name: string): Entry | undefined {
  const tariff = catalogue.findTariff(name);
  if (tariff !== undefined) {
    const steps = (tariff.promptSteps ?? []).map((step) =>
      `above ${step.abovePromptTokens} prompt tokens: input x ${step.inputMultiplier ?? '?'}, `
      + `output x ${step.outputMultiplier ?? '?'} (${tariff.status}, ${tariff.source})`);
    const peak = tariff.peakHours;
    const hours = peak?.utcHours.map(([from, to]) => `${from}-${to}`).join(', ');
    const peaks = peak === undefined ? [] : [
      `x ${peak.multiplier} at ${hours} UTC${peak.weekdaysOnly ? ' on weekdays' : ''} `
        + `(${tariff.status}, ${tariff.source})`,
    ];
    const notes = tariff.note === undefined ? [] : [tariff.note];
    return { entry: tariff, facts: tariffFacts(tariff), remarks: [...steps, ...peaks, ...notes] };
  }
  const one = catalogue.gpuHours.filter(({ id }) => id === name);
  const device = catalogue.findDevice(name);
  const hours = one.length > 0 || device === undefined
    ? one
    : catalogue.gpuHours.filter((each) => each.device === device.id);
  if (hours.length === 0) return undefined;
  return { entry: { id: name, gpuHours: hours }, facts: hourFacts(hours) };
}
