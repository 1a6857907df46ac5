namespace Fairlead.Testing;

/// <summary>Values that do not matter to the test that uses them.</summary>
public static class Some
{
    /// <summary>A well-formed API key, different for every <paramref name="n"/>.</summary>
    public static string Key(int n = 1) => "sk-or-v1-" + n.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);
}
