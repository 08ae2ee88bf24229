namespace Tars.Host;

/// <summary>The three streams of a run: `-` as an input, what is published and printed, what is logged.</summary>
public sealed record RunStreams(Stream Input, Stream Output, TextWriter Log);
