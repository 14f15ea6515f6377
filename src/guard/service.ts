/** The service of the server half that carries guarded sockets. */
export const GUARD_SERVICE = 'guard';
