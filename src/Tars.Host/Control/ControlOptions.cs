namespace Tars.Host.Control;

/// <summary>That a run may be operated while it runs.</summary>
/// <param name="Path">The full path of its socket; null for one in the folder of all runs of the user.</param>
public sealed record ControlOptions(string? Path);
