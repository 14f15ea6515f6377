export { AIConnection } from './connection';
export * from './errors';
