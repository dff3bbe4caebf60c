// SPDX-License-Identifier: Apache-2.0
/** Which keys the schema allows at a path, so that a misspelt one gets a suggestion. */
import type { z } from 'zod';

/** The part of zod's own description of a schema that the walk reads. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly shape?: Record<string, z.core.$ZodType>;
  readonly options?: readonly z.core.$ZodType[];
  readonly values?: readonly unknown[];
}

const definition = (schema: z.core.$ZodType): Definition => schema._zod.def;

/** Defaults and nullables wrap the schema that holds the keys. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType } = definition(schema);
  return innerType === undefined ? schema : unwrap(innerType);
}

/** Of a union told apart by `kind`, the option that the data chose. */
function choose(schema: z.core.$ZodType, data: unknown): z.core.$ZodType {
  const plain = unwrap(schema);
  const { options } = definition(plain);
  if (options === undefined) return plain;
  const kind = (data as { kind?: unknown } | null | undefined)?.kind;
  const match = options.find((option) => {
    const literal = definition(unwrap(option)).shape?.['kind'];
    return literal !== undefined && definition(literal).values?.includes(kind);
  });
  return unwrap(match ?? options[0]);
}

export function allowedKeys(
  schema: z.core.$ZodType,
  data: unknown,
  path: readonly PropertyKey[],
): string[] {
  let at = choose(schema, data);
  let value = data;
  for (const key of path) {
    const { shape, element, valueType } = definition(at);
    const inner = shape?.[String(key)] ?? element ?? valueType;
    if (inner === undefined) return [];
    value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
    at = choose(inner, value);
  }
  return Object.keys(definition(at).shape ?? {});
}
