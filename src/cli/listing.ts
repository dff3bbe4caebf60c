// SPDX-License-Identifier: Apache-2.0
/** The catalogues as rows for a person and as entries for a program. */
import { readConfigText } from '../config/index.js';
import type { Device, Part, Status } from '../hardware/index.js';
import { kvBytesPerToken, layerGroups, parameters } from '../model/index.js';
import type { ModelArchitecture } from '../model/index.js';
import { presetNames, readPreset } from '../node/preset.js';
import type { GpuHour, Tariff } from '../price/index.js';
import type { Lookup } from '../run/index.js';
import { hardwareEntry, modelEntry, priceEntry, type Entry } from './catalog-entry.js';
import { quantity } from './quantity.js';
import type { Align } from './table.js';

export interface Listing {
  readonly kind: string;
  readonly rows: readonly (readonly string[])[];
  readonly align: readonly Align[];
  readonly entries: readonly { readonly id: string; readonly aliases?: readonly string[] }[];
  /** More tables under the first one. */
  readonly more?: readonly Pick<Listing, 'rows' | 'align'>[];
  find(name: string): Entry | undefined;
}

const ORDER: readonly Status[] = ['measured', 'vendor claim', 'inferred', 'assumed'];
const right = (count: number): Align[] => Array<Align>(count).fill('right');

/** A row is no better than its weakest number, and names the source of every one. */
function origin(groups: readonly { source: string; status: Status }[]): [string, string] {
  const weakest = Math.max(...groups.map(({ status }) => ORDER.indexOf(status)));
  return [ORDER[weakest], [...new Set(groups.map(({ source }) => source))].join('; ')];
}

function deviceRow(device: Device): string[] {
  const { compute, memory, scaleUp, power } = device;
  const petaflops = (flops: number | null): string =>
    flops === null ? '-' : (flops / 1e15).toFixed(2);
  return [
    device.id,
    String(Math.round(memory.capacityBytes / 1e9)),
    (memory.bandwidthBytesPerS / 1e12).toFixed(2),
    petaflops(compute.bf16FlopsPerS),
    petaflops(compute.fp8FlopsPerS),
    petaflops(compute.nvfp4FlopsPerS),
    String(Math.round(scaleUp.bandwidthBytesPerS / 1e9)),
    String(scaleUp.domainGpus ?? '-'),
    String(power.gpuTdpW),
    ...origin([compute, memory, scaleUp, power]),
  ];
}

const PART_HEADER = ['name', 'kind', 'part', 'facts', 'status', 'source'];

/** Parts differ in what they have: the list says what there is, an entry has the numbers. */
function partRow(part: Part): string[] {
  const facts = Object.keys(part.facts).join(', ');
  return [part.id, part.kind, part.name, facts, ...origin(Object.values(part.facts))];
}

export function hardwareListing(catalogue: Lookup): Listing {
  const header =
    'name|HBM GB|HBM TB/s|bf16 PF/s|fp8 PF/s|nvfp4 PF/s|link GB/s|domain|TDP W|status|source';
  const { devices, parts } = catalogue;
  return {
    kind: 'hardware',
    rows: [header.split('|'), ...devices.map(deviceRow)],
    align: ['left', ...right(8), 'left', 'left'],
    more: [{ rows: [PART_HEADER, ...parts.map(partRow)], align: [] }],
    entries: [...devices, ...parts],
    find: (name) => hardwareEntry(catalogue, name),
  };
}

function modelRow(model: ModelArchitecture): string[] {
  const kinds = layerGroups(model).map(({ kind, layers }) => `${layers} ${kind}`);
  return [
    model.id,
    (parameters(model).total / 1e9).toFixed(1),
    (parameters(model).active / 1e9).toFixed(1),
    String(model.layers),
    String(model.hiddenSize),
    model.attention.kind,
    kinds.join(' + '),
    model.ffn.kind,
    String(Math.round(kvBytesPerToken(model, 'bf16'))),
    String(model.maxContextTokens),
    model.status,
    model.source,
  ];
}

export function modelListing(catalogue: Lookup): Listing {
  const header = 'name|params G|active G|layers|hidden|attention|layers by kind|ffn'
    + '|KV B/token bf16|max context|status|source';
  return {
    kind: 'models',
    rows: [header.split('|'), ...catalogue.models.map(modelRow)],
    align: ['left', ...right(4), 'left', 'left', 'left', ...right(2), 'left', 'left'],
    entries: catalogue.models,
    find: (name) => modelEntry(catalogue, name),
  };
}

function tariffRow(tariff: Tariff): string[] {
  const writes = tariff.cacheWrites.map(({ ttlSeconds, multiplier }) =>
    `${multiplier ?? '?'} (${ttlSeconds === null ? '?' : quantity(ttlSeconds, '')} s)`);
  return [
    tariff.id,
    String(tariff.inputUsdPerMtok),
    String(tariff.outputUsdPerMtok),
    String(Number(tariff.cacheReadMultiplier.toPrecision(4))),
    writes.length === 0 ? '1' : writes.join(', '),
    tariff.status,
    tariff.date,
    tariff.source,
  ];
}

function hourRow(hour: GpuHour): string[] {
  const { low, high, usdPerGpuHour } = hour;
  const range = low === undefined ? '' : ` (${low} to ${high ?? '?'})`;
  return [
    hour.id, hour.device, hour.basis, `${usdPerGpuHour}${range}`, hour.what,
    hour.status, hour.date, hour.source,
  ];
}

export function priceListing(catalogue: Lookup): Listing {
  const header = 'tariff|input USD/Mtok|output USD/Mtok|read x input|write x input'
    + '|status|date|source';
  const hours = 'GPU-hour|device|basis|USD/GPU-hour|what|status|date|source';
  return {
    kind: 'prices',
    rows: [header.split('|'), ...catalogue.tariffs.map(tariffRow)],
    align: ['left', ...right(3), 'left', 'left', 'left', 'left'],
    more: [{ rows: [hours.split('|'), ...catalogue.gpuHours.map(hourRow)], align: [] }],
    entries: [...catalogue.tariffs, ...catalogue.gpuHours],
    find: (name) => priceEntry(catalogue, name),
  };
}

/** The comment that opens a preset says what it is. */
function presetSummary(text: string): string {
  const comments = text.split('\n').filter((line) => line.startsWith('# '));
  return comments
    .slice(1)
    .map((line) => line.slice(2))
    .join(' ')
    .replace(/(\.) .*/, '$1');
}

export function presetListing(): Listing {
  const entries = presetNames().map((id) => {
    const text = readPreset(id)!;
    const config = readConfigText(text, `preset ${id}`) as object;
    return { id, summary: presetSummary(text), config };
  });
  return {
    kind: 'presets',
    rows: entries.map(({ id, summary }) => [id, summary]),
    align: [],
    entries,
    find: (name) => {
      const found = entries.find((entry) => entry.id === name);
      return found === undefined ? undefined : { entry: found.config, facts: [] };
    },
  };
}
