// Builds the page into the folder that is given (default: dist): node build.mjs [FOLDER]
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const outdir = process.argv[2] ?? `${here}dist`;

await build({
  absWorkingDir: here,
  entryPoints: ['src/main.tsx'],
  outdir,
  bundle: true,
  minify: true,
  sourcemap: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.woff2': 'file' },
  assetNames: '[name]-[hash]',
  logLevel: 'warning',
});
cpSync(`${here}index.html`, `${outdir}/index.html`);
cpSync(`${here}favicon.svg`, `${outdir}/favicon.svg`);
