namespace Fairlead.Load.Servers;

/// <summary>Kestrel and nothing else: no configuration, no logging, no routing.</summary>
internal static class BareServer
{
    public static WebApplication Build(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        var address = new Uri(url);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(System.Net.IPAddress.Parse(address.Host), address.Port);
        });
        return builder.Build();
    }
}
