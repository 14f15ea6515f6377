export * from './fields';
export * from './keeper';
