// What Android's test runner gives: a context with the assets of the folder that the property `assets` names.
package androidx.test.platform.app

import android.content.res.AssetManager

class Context {
    val assets = AssetManager(System.getProperty("assets"))
}

class Instrumentation {
    val targetContext = Context()
}

object InstrumentationRegistry {
    fun getInstrumentation() = Instrumentation()
}
