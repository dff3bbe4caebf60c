// SPDX-License-Identifier: Apache-2.0
/** `kvloom catalog`: what a config may name, with the source of every number. */
import { Command } from 'commander';
import { globalOptions, printResult } from '../context.js';
import type { Listing } from '../listing.js';

const examples = `Examples:
  $ kvloom catalog hardware
  $ kvloom catalog models deepseek-v3 --json
  $ kvloom catalog --schema > run.schema.json
`;

const kinds = ['hardware', 'models', 'presets'] as const;

interface Options {
  readonly schema?: boolean;
}

export function command(): Command {
  return new Command('catalog')
    .description('List the hardware, the models and the presets that a config may name.')
    .argument('[kind]', `one of ${kinds.join(', ')} (default: all)`)
    .argument('[name]', 'one entry, in full')
    .option('--schema', 'print the JSON Schema of a run config')
    .addHelpText('before', examples)
    .action(async (kind: string | undefined, name: string | undefined, options: Options, self) => {
      if (options.schema === true) {
        const { runJsonSchema } = await import('../../config/json-schema.js');
        printResult(JSON.stringify(runJsonSchema(), null, 2));
        return;
      }
      const lists = await listings(kind);
      const { json } = globalOptions(self as Command);
      if (name === undefined) await printAll(lists, json);
      else await printEntry(lists[0], name, json);
    });
}

async function listings(kind: string | undefined): Promise<Listing[]> {
  const { hardwareListing, modelListing, presetListing } = await import('../listing.js');
  const all = { hardware: hardwareListing, models: modelListing, presets: presetListing };
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
  const parts = lists.map((list) => `${list.kind}\n${formatTable(list.rows, list.align)}`);
  printResult(parts.join('\n\n'));
}

async function printEntry(list: Listing, name: string, json: boolean): Promise<void> {
  const entry = list.find(name);
  if (entry === undefined) {
    const { UserError } = await import('../../core/user-error.js');
    const { didYouMean } = await import('../../config/suggest.js');
    const names = list.entries.map((each) => each.id);
    const hint = didYouMean(name, names) || `, allowed: ${names.join(', ')}`;
    throw new UserError(`no "${name}"${hint}`, { path: `catalog ${list.kind}` });
  }
  const { stringify } = await import('yaml');
  printResult(json ? JSON.stringify(entry, null, 2) : stringify(entry));
}
