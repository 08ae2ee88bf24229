using Tars.Lang.Diagnostics;

namespace Tars.Lang.Parsing;

/// <summary>One token of code, in offsets of its slice.</summary>
/// <param name="Partner">For a bracket: the index of the one that it pairs with, or -1.</param>
/// <param name="Problem">What is wrong with the token itself; told when the parser comes to it.</param>
internal readonly record struct Token(TokenKind Kind, int Start, int End, int Partner, Diagnostic? Problem);
