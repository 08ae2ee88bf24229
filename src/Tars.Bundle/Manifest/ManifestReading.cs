namespace Tars.Bundle.Manifest;

/// <summary>What reading a manifest answers: the manifest, or why not.</summary>
public abstract record ManifestReading
{
    private ManifestReading()
    {
    }

    public sealed record Read(BundleManifest Manifest) : ManifestReading;

    public sealed record Refused(string Reason) : ManifestReading;
}
