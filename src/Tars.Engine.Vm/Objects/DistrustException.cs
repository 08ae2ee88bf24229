namespace Tars.Engine.Vm.Objects;

/// <summary>What was to be used can be changed by others, so it is not.</summary>
/// <param name="why">What others can change, without a full stop.</param>
/// <param name="mend">What whoever runs this can do about it.</param>
internal sealed class DistrustException(string why, string mend) : IOException(why)
{
    public string Mend { get; } = mend;
}
