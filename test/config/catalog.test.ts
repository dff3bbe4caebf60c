// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { mergeCatalogs, parseCatalog, parseConfig, readCatalog } from '../../src/config/index.js';
import { UserError } from '../../src/core/user-error.js';
import { devices, parts } from '../../src/hardware/index.js';
import { models } from '../../src/model/index.js';
import { gpuHours, tariffs } from '../../src/price/index.js';

const provenance = '{ source: own bench, date: 2026-11-21, status: measured';
const DEVICE = `
devices:
  - id: h100_pcie
    name: H100 PCIe
    architecture: hopper
    compute: ${provenance}, bf16FlopsPerS: 756e12, fp8FlopsPerS: 1513e12, nvfp4FlopsPerS: null }
    memory: ${provenance}, type: HBM2e, bandwidthBytesPerS: 2e12,
      capacityBytes: 80e9, visibleBytes: 85e9 }
    scaleUp: ${provenance}, name: NVLink bridge, bandwidthBytesPerS: 300e9, domainGpus: 2 }
    scaleOut: ${provenance}, name: ConnectX-7, bandwidthBytesPerS: 50e9 }
    hostLink: ${provenance}, name: PCIe 5.0 x16, bandwidthBytesPerS: 64e9 }
    power: ${provenance}, gpuTdpW: 350 }
    dataCentrePower: ${provenance}, allInW: null }
`;

function refusal(text: string): string {
  try {
    readCatalog(text, 'own.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error('not refused');
}

describe('a catalogue file', () => {
  it('has the schema of the built-in catalogue, entry by entry', () => {
    const all = { devices, parts, models, tariffs, gpuHours };
    const parsed = parseCatalog(JSON.parse(JSON.stringify(all)));
    expect(parsed).toEqual({ schema: 1, ...JSON.parse(JSON.stringify(all)) as object });
  });

  it('reads YAML with defaults for what may be left out', () => {
    const { devices: own, models: none } = readCatalog(DEVICE);
    expect(own[0]).toMatchObject({ id: 'h100_pcie', aliases: [] });
    expect(none).toEqual([]);
  });

  it.each([
    ['devices: 1', /own.yaml: devices: must be a list, got 1/],
    ['gpus: []', /own.yaml: gpus: unknown key, allowed: .*devices/],
    [DEVICE.replace('source: own bench, ', ''), /own.yaml: devices.0.compute.source: is required/],
    [DEVICE.replace('measured', 'guess'), /devices.0.compute.status: must be one of measured, /],
    [DEVICE.replace('hopper', 'volta'), /devices.0.architecture: must be one of hopper, black/],
    [DEVICE.replace('domainGpus', 'domaingpus'), /scaleUp.domaingpus: .*did you mean "domainGpus"/],
    [DEVICE.replace('350', '-350'), /devices.0.power.gpuTdpW: must be > 0, got -350/],
    ['devices: [', /own.yaml:\d+: /],
    ['models: [{ id: x }]', /models.0.name: is required.*and \d+ more/],
  ])('refuses %#, naming file and path', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('stands before earlier files', () => {
    const first = readCatalog(DEVICE);
    const second = readCatalog(DEVICE.replaceAll('H100 PCIe', 'again'));
    const merged = mergeCatalogs([first, second]);
    expect(merged.devices.map(({ name }) => name)).toEqual(['again', 'H100 PCIe']);
  });
});

describe('the catalog key of a config', () => {
  it('is checked and filled in like a file', () => {
    const indented = DEVICE.trim().replaceAll('\n', '\n  ');
    const spec = parseConfig(`catalog:\n  ${indented}\npools: [{ device: h100_pcie }]`);
    expect(spec.catalog?.devices[0]).toMatchObject({ id: 'h100_pcie', aliases: [] });
    const wrong = indented.replace('hopper', 'volta');
    expect(() => parseConfig(`catalog:\n  ${wrong}`, 'run.yaml')).toThrow(
      /^run.yaml: catalog.devices.0.architecture: must be one of hopper, blackwell, rubin, got/,
    );
  });

  it('is absent unless given', () => {
    expect(Object.keys(parseConfig(''))).not.toContain('catalog');
  });
});
