namespace Tars.Lang.Diagnostics;

/// <summary>Every message the language can give, one method each; a code is never reused.</summary>
/// <remarks>
/// 01xx document, 02xx text of code, 03xx types, 04xx names, 05xx and above capabilities and the rest.
/// </remarks>
public static partial class Report;
