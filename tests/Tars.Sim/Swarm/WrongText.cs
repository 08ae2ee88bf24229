using System.Runtime.CompilerServices;

namespace Tars.Sim.Swarm;

/// <summary>A text that is only made when what it tells of is so.</summary>
[InterpolatedStringHandler]
internal ref struct WrongText
{
    private DefaultInterpolatedStringHandler _text;

    public WrongText(int literalLength, int formattedCount, bool isWrong, out bool goesOn)
    {
        goesOn = isWrong;
        _text = isWrong ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public override string ToString() => _text.ToStringAndClear();
}
