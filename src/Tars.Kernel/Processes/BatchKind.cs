namespace Tars.Kernel.Processes;

/// <summary>What a batch holds behind its Beliefs and Params events.</summary>
internal enum BatchKind
{
    Birth,
    Start,
    Stop,

    /// <summary>The answer that the process waits for.</summary>
    Answer,

    /// <summary>Mail of one handler, from the front of the mailbox.</summary>
    Mail,

    /// <summary>Lines of the batch of lines that is the first mail.</summary>
    Lines,
}
