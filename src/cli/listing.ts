// SPDX-License-Identifier: Apache-2.0
/** The catalogues as rows for a person and as entries for a program. */
import { readConfigText } from '../config/index.js';
import { devices, findDevice, type Device } from '../hardware/index.js';
import { findModel, kvBytesPerToken, models, parameters } from '../model/index.js';
import type { ModelArchitecture } from '../model/index.js';
import { presetNames, readPreset } from '../node/preset.js';
import type { Align } from './table.js';

export interface Listing {
  readonly kind: string;
  readonly rows: readonly (readonly string[])[];
  readonly align: readonly Align[];
  readonly entries: readonly { readonly id: string }[];
  find(name: string): object | undefined;
}

/** Each number of a device has a source of its own; the list shows the widest claim. */
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
    compute.status,
    compute.source,
  ];
}

export function hardwareListing(): Listing {
  const header =
    'name|HBM GB|HBM TB/s|bf16 PF/s|fp8 PF/s|nvfp4 PF/s|link GB/s|domain|TDP W|status|source';
  const right = Array<Align>(8).fill('right');
  return {
    kind: 'hardware',
    rows: [header.split('|'), ...devices.map(deviceRow)],
    align: ['left', ...right, 'left', 'left'],
    entries: devices,
    find: findDevice,
  };
}

function modelRow(model: ModelArchitecture): string[] {
  return [
    model.id,
    (parameters(model).total / 1e9).toFixed(1),
    String(model.layers),
    String(model.hiddenSize),
    model.attention.kind,
    model.ffn.kind,
    String(kvBytesPerToken(model, 'bf16')),
    String(model.maxContextTokens),
    model.status,
    model.source,
  ];
}

export function modelListing(): Listing {
  const header =
    'name|params G|layers|hidden|attention|ffn|KV B/token bf16|max context|status|source';
  return {
    kind: 'models',
    rows: [header.split('|'), ...models.map(modelRow)],
    align: ['left', 'right', 'right', 'right', 'left', 'left', 'right', 'right', 'left', 'left'],
    entries: models,
    find: findModel,
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
    find: (name) => entries.find((entry) => entry.id === name)?.config,
  };
}
