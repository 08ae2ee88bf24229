namespace Tars.Kernel.Ports;

/// <summary>The reading of both clocks that comes with an event.</summary>
/// <param name="Instant">Wall time: nanoseconds since 1970 UTC. It may jump.</param>
/// <param name="Monotonic">Nanoseconds since some beginning. It never goes back; timers run on it.</param>
public readonly record struct Moment(long Instant, long Monotonic);
