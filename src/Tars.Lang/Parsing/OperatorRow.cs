using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>One operator of two operands. A lower level binds less.</summary>
internal sealed record OperatorRow(TokenKind Kind, int Level, BinaryOp Op);
