// SPDX-License-Identifier: Apache-2.0

/** A `config.json` that does not describe a model this reader knows. */
export class ModelConfigError extends Error {
  override readonly name = 'ModelConfigError';

  constructor(
    /** Field of the config. */
    readonly path: string,
    /** What is wrong with it. */
    readonly what: string,
    /** What may stand there. */
    readonly allowed: string,
  ) {
    super(`${path}: ${what} (allowed: ${allowed})`);
  }
}

const WHOLE = 'a whole number of 1 or more';

/**
 * Typed access to a parsed `config.json`. Fields of `text_config` (multimodal models) come before
 * those beside it. Names are tried in order, because families spell them differently.
 */
export class ConfigFields {
  private readonly fields: Readonly<Record<string, unknown>>;

  constructor(data: unknown) {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw new ModelConfigError('config', 'must be a mapping', 'the fields of a config.json');
    }
    const outer = data as Record<string, unknown>;
    const text = outer['text_config'];
    const inner = typeof text === 'object' && text !== null ? text : {};
    this.fields = { ...outer, ...inner };
  }

  get(name: string): unknown {
    return this.fields[name];
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined && this.fields[name] !== null;
  }

  text(name: string): string | undefined {
    const value = this.fields[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.fields[name] === true;
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.fields[name];
    return Array.isArray(value) ? value : undefined;
  }

  /** The first of the names that is present, a whole number; undefined when none is. */
  optional(names: readonly string[], least = 1): number | undefined {
    const name = names.find((each) => this.has(each));
    if (name === undefined) return undefined;
    const value = this.fields[name];
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
    const allowed = least === 1 ? WHOLE : `a whole number of ${least} or more`;
    throw new ModelConfigError(name, `must be a whole number, got ${shown(value)}`, allowed);
  }

  /** As `optional`, an error when none of the names is present. */
  required(names: readonly string[], why = ''): number {
    const value = this.optional(names);
    if (value !== undefined) return value;
    const others = names.length === 1 ? '' : ` (or ${names.slice(1).join(', ')})`;
    throw new ModelConfigError(names[0], `is required${others}${why}`, WHOLE);
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
