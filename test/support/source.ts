// SPDX-License-Identifier: Apache-2.0
/** The project's own files, as the tidy test reads them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Tracked files and new ones that git does not ignore, relative to the root. */
export function projectFiles(): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const out = execFileSync('git', list, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  const files = new Set(out.split('\0').filter((file) => file !== ''));
  return [...files].filter((file) => existsSync(join(root, file))).sort();
}

const texts = new Map<string, string>();

export function read(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(root, file), 'utf8');
  texts.set(file, text);
  return text;
}

export function isBinary(file: string): boolean {
  return readFileSync(join(root, file)).subarray(0, 8000).includes(0);
}

/** AssemblyScript parses as TypeScript up to its decorators, which the parser steps over. */
export function parse(file: string): ts.SourceFile {
  const kind = file.endsWith('.ts') ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  return ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true, kind);
}

export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

export interface Import {
  readonly from: string;
  readonly line: number;
  /** The file or package, relative to the root where it is one of ours. */
  readonly to: string;
  readonly typeOnly: boolean;
}

function target(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const path = posix.join(posix.dirname(from), specifier);
  if (existsSync(join(root, path))) return path;
  return path.replace(/\.js$/, '.ts');
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

/** Static, dynamic and `new URL('./x.js', import.meta.url)` imports of a file. */
export function importsOf(file: string): Import[] {
  const source = parse(file);
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Expression | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const to = target(file, specifier.text);
    found.push({ from: file, line: lineOf(source, node), to, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, isTypeOnly(node));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal as ts.StringLiteral, true);
    } else if (ts.isNewExpression(node) && node.expression.getText(source) === 'URL') {
      add(node, node.arguments?.[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Lines of each function with a body, without the comment in front of it. */
export function functionsOf(file: string): { line: number; name: string; length: number }[] {
  const source = parse(file);
  const found: { line: number; name: string; length: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const line = lineOf(source, node);
      const last = source.getLineAndCharacterOfPosition(node.end).line + 1;
      const name = node.name?.getText(source) ?? 'function';
      found.push({ line, name, length: last - line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Every `a.b` and every free-standing name that is used as a value, with its line. */
export function namesUsed(file: string): { line: number; name: string }[] {
  const source = parse(file);
  const found: { line: number; name: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      found.push({ line: lineOf(source, node), name: node.getText(source).replace(/\s/g, '') });
    }
    const parent = node.parent as ts.Node | undefined;
    if (ts.isIdentifier(node) && parent !== undefined && ts.isExpression(parent)) {
      const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
      if (!isMember) found.push({ line: lineOf(source, node), name: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
