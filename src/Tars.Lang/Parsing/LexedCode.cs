using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Text;

namespace Tars.Lang.Parsing;

/// <summary>Code as tokens, with its comments beside them; all in offsets of the slice.</summary>
internal sealed record LexedCode(SourceSlice Slice, ImmutableArray<Token> Tokens, ImmutableArray<TextSpan> Comments);
