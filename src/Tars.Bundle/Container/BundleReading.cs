namespace Tars.Bundle.Container;

/// <summary>What reading a bundle answers: the bundle, or why not.</summary>
public abstract record BundleReading
{
    private BundleReading()
    {
    }

    public sealed record Read(BundleFile Bundle) : BundleReading;

    public sealed record Refused(string Reason) : BundleReading;
}
