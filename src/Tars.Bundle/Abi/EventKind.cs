namespace Tars.Bundle.Abi;

/// <summary>
/// What an event asks the dispatcher of a bundle to do. All but Handler and Answer run no code of the author's
/// handlers.
/// </summary>
public enum EventKind : ushort
{
    /// <summary>
    /// First of a process. Payload: agent u32, seed u64, self slot i64, all params, then the state fields given by the
    /// spawner.
    /// </summary>
    Birth = 0,

    /// <summary>Payload: all params in order of the manifest.</summary>
    Params = 1,

    /// <summary>Payload: the strength of every belief in order of the manifest, f64 each.</summary>
    Beliefs = 2,

    /// <summary>Payload: what the handler binds, in order of the manifest.</summary>
    Handler = 3,

    /// <summary>Payload: status u8 (0 value, 1 Failure), then the answer.</summary>
    Answer = 4,

    /// <summary>
    /// Writes the whole state in its canonical encoding; SavedBase and SavedSize say where. The kernel undoes it.
    /// </summary>
    Save = 5,

    /// <summary>Payload: a state as Save wrote it, of the same schema.</summary>
    Load = 6,

    /// <summary>Runs one of the module's own tests. Only in bundles that are compiled with tests.</summary>
    Test = 7,

    /// <summary>
    /// Payload: part of a blob that the event behind it reads, for the rest of the batch: a <see cref="BlobPart"/>.
    /// </summary>
    Blob = 8,
}
