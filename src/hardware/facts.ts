// SPDX-License-Identifier: Apache-2.0
import type { Device, Fact, Part, Provenance } from './types.js';

/** One number with everything that has to be printed beside it. */
export interface NamedFact extends Fact {
  name: string;
}

/** The unit of a field is the end of its name. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/FlopsPerS$/, 'FLOP/s'],
  [/BytesPerS$/, 'byte/s'],
  [/Bytes$/, 'byte'],
  [/PerS$/, '1/s'],
  [/Gpus$/, 'GPU'],
  [/W$/, 'W'],
];

const GROUPS = [
  'compute', 'memory', 'scaleUp', 'scaleOut', 'hostLink', 'power', 'dataCentrePower',
] as const;

function unitOf(field: string): string | undefined {
  return UNITS.find(([pattern]) => pattern.test(field))?.[1];
}

/** The numbers of a device, in the order of its fields; formats it lacks are left out. */
export function deviceFacts(device: Device): NamedFact[] {
  const facts: NamedFact[] = [];
  for (const group of GROUPS) {
    const { source, date, status, note, ...fields } = device[group] as Provenance;
    const origin = { source, date, status, ...(note === undefined ? {} : { note }) };
    for (const [field, value] of Object.entries<unknown>(fields)) {
      const unit = unitOf(field);
      const lacksFormat = value === null && group === 'compute';
      if (unit === undefined || lacksFormat || typeof value === 'string') continue;
      facts.push({ name: `${group}.${field}`, value: value as number | null, unit, ...origin });
    }
  }
  return facts;
}

/** The numbers of a part, in the order of its entry. */
export function partFacts(part: Part): NamedFact[] {
  return Object.entries(part.facts).map(([name, fact]) => ({ name, ...fact }));
}

/** Inputs that a run with this part has to be given, because nobody has published them. */
export function requiredInputs(part: Part): NamedFact[] {
  return partFacts(part).filter(({ value }) => value === null);
}

/** `powerW (120000 to 230000 W: note)`: what to give and in which range. */
export function describeInput({ name, unit, low, high, note }: NamedFact): string {
  const range = low === undefined || high === undefined ? unit : `${low} to ${high} ${unit}`;
  return `${name} (${range}${note === undefined ? '' : `: ${note}`})`;
}

/** An unpublished number was needed and not given. */
export class MissingInputError extends Error {
  override readonly name = 'MissingInputError';

  constructor(
    readonly part: string,
    readonly inputs: readonly NamedFact[],
  ) {
    super(
      `${part}: unpublished and therefore required: ${inputs.map(describeInput).join('; ')}`,
    );
  }
}

/**
 * Numbers of a part, those that are unpublished taken from `given`.
 * @throws MissingInputError naming every one of `needed` that nobody knows, with its range.
 */
export function resolveFacts(
  part: Part,
  needed: readonly string[],
  given: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const values: Record<string, number> = {};
  const missing: NamedFact[] = [];
  for (const name of needed) {
    const fact = part.facts[name];
    if (fact === undefined) throw new RangeError(`${part.id} has no fact "${name}"`);
    const value = given[name] ?? fact.value;
    if (value === null) missing.push({ name, ...fact });
    else values[name] = value;
  }
  if (missing.length > 0) throw new MissingInputError(part.id, missing);
  return values;
}
