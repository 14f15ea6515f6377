const base = require('@jupyterlab/testing/lib/jest-config')(__dirname);

const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@microsoft/fast',
  'exenv-es6',
  'lib0',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

module.exports = {
  ...base,
  collectCoverageFrom: ['src/**/*.{ts,tsx}', '!src/**/__tests__/**'],
  coverageReporters: ['lcov', 'text'],
  // Jest leaves one of two cores idle, and some tests only wait.
  maxWorkers: 2,
  modulePathIgnorePatterns: [
    '<rootDir>/.venv',
    '<rootDir>/jupyter_ai_ws/labextension',
    '<rootDir>/lib',
    '<rootDir>/ui-tests'
  ],
  // The preset's own reporters write junit.xml and annotations into the tree.
  reporters: ['default'],
  // Only what hangs takes so long, on a machine that does much else too.
  testTimeout: 60_000,
  testRegex: '/src/(.*/)?__tests__/.*\\.spec\\.tsx?$',
  transform: {
    ...base.transform,
    // `lint:check` looks at the types, of the tests too.
    '^.+\\.tsx?$': [
      'ts-jest/legacy',
      { isolatedModules: true, tsconfig: './tsconfig.test.json' }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`]
};
