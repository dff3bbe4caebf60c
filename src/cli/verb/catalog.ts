// SPDX-License-Identifier: Apache-2.0
/** `kvloom catalog`: what a config may name, with the source of every number. */
import { Command } from 'commander';
import type { Entry } from '../catalog-entry.js';
import { globalOptions, printResult } from '../context.js';
import type { Listing } from '../listing.js';

const examples = `Examples:
  $ kvloom catalog hardware
  $ kvloom catalog hardware vr_nvl72               a rack: contents, power, computed totals
  $ kvloom catalog models deepseek-v4-pro --json
  $ kvloom catalog models my --catalog my/config.json
  $ kvloom catalog prices gb300
  $ kvloom catalog --schema > run.schema.json
`;

const kinds = ['hardware', 'models', 'prices', 'presets'] as const;

interface Options {
  readonly schema?: boolean;
  readonly catalog?: readonly string[];
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

export function command(): Command {
  return new Command('catalog')
    .description('List the hardware, the models, the prices and the presets of the catalogue.')
    .argument('[kind]', `one of ${kinds.join(', ')} (default: all)`)
    .argument('[name]', 'one entry, in full')
    .option('--catalog <file>', 'entries of your own, or a model\'s config.json', collect)
    .option('--schema', 'print the JSON Schema of a run config')
    .addHelpText('before', examples)
    .action(async (kind: string | undefined, name: string | undefined, options: Options, self) => {
      if (options.schema === true) {
        const { runJsonSchema } = await import('../../config/json-schema.js');
        printResult(JSON.stringify(runJsonSchema(), null, 2));
        return;
      }
      const lists = await listings(kind, options.catalog);
      const { json } = globalOptions(self as Command);
      if (name === undefined) await printAll(lists, json);
      else await printEntry(lists[0], name, json);
    });
}

async function listings(
  kind: string | undefined,
  files: readonly string[] | undefined,
): Promise<Listing[]> {
  const { hardwareListing, modelListing, presetListing, priceListing } =
    await import('../listing.js');
  const { ownCatalog } = await import('../own-catalog.js');
  const { lookup } = await import('../../run/index.js');
  const catalogue = lookup(ownCatalog(files));
  const all = {
    hardware: () => hardwareListing(catalogue),
    models: () => modelListing(catalogue),
    prices: () => priceListing(catalogue),
    presets: presetListing,
  };
  if (kind === undefined) return kinds.map((name) => all[name]());
  if (Object.hasOwn(all, kind)) return [all[kind as (typeof kinds)[number]]()];
  const { UserError } = await import('../../core/user-error.js');
  const { didYouMean } = await import('../../config/suggest.js');
  const hint = didYouMean(kind, kinds);
  throw new UserError(`must be one of ${kinds.join(', ')}, got "${kind}"${hint}`, {
    path: 'catalog',
  });
}

async function printAll(lists: readonly Listing[], json: boolean): Promise<void> {
  if (json) {
    const entries = lists.map((list) => [list.kind, list.entries] as const);
    printResult(JSON.stringify(Object.fromEntries(entries), null, 2));
    return;
  }
  const { formatTable } = await import('../table.js');
  const parts = lists.map((list) => {
    const tables = [list, ...(list.more ?? [])];
    const text = tables.map(({ rows, align }) => formatTable(rows, align)).join('\n\n');
    return `${list.kind}\n${text}`;
  });
  printResult(parts.join('\n\n'));
}

async function printEntry(list: Listing, name: string, json: boolean): Promise<void> {
  const found = list.find(name);
  if (found === undefined) {
    const { UserError } = await import('../../core/user-error.js');
    const { didYouMean } = await import('../../config/suggest.js');
    const names = list.entries.map((each) => each.id);
    const known = [...names, ...list.entries.flatMap(({ aliases = [] }) => aliases)];
    const hint = didYouMean(name, known) || `, allowed: ${names.join(', ')}`;
    throw new UserError(`no "${name}"${hint}`, { path: `catalog ${list.kind}` });
  }
  printResult(json ? entryJson(found) : await entryText(list, found));
}

function entryJson({ entry, facts }: Entry): string {
  return JSON.stringify(facts.length === 0 ? entry : { ...entry, facts }, null, 2);
}

/** A config as YAML (it has no numbers of its own), anything else as a table of its facts. */
async function entryText(list: Listing, { entry, facts, remarks = [] }: Entry): Promise<string> {
  const { stringify } = await import('yaml');
  if (facts.length === 0) return stringify(entry);
  const { formatTable } = await import('../table.js');
  const { quantity } = await import('../quantity.js');
  const rows = facts.map(({ name, value, unit, low, high, status, date, source, note }) => {
    const range = low === undefined || high === undefined
      ? ''
      : ` (${quantity(low, unit)} to ${quantity(high, unit)})`;
    const shown = value === null ? 'unpublished' : quantity(value, unit);
    const more = note === undefined ? '' : `; ${note}`;
    return [name, shown + range, status, date, source + more];
  });
  const table = formatTable([['fact', 'value', 'status', 'date', 'source'], ...rows]);
  const head = list.kind === 'models' ? stringify(entry) : titleOf(entry);
  return [head.trimEnd(), ...remarks, '', table].join('\n');
}

function titleOf(entry: object): string {
  const { id, name } = entry as { id: string; name?: string };
  return name === undefined ? `id: ${id}` : `id: ${id}\nname: ${name}`;
}
