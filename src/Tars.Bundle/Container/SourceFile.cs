namespace Tars.Bundle.Container;

/// <summary>
/// One source of a bundle: a name as messages use it, never an absolute path, and its canonical text with comments.
/// </summary>
public sealed record SourceFile(string Name, string Text);
